console.log(
  'Skipped: the suites on DynamoDB Local and moto, which need Java 17, Maven and Python 3. Run them with: npm run test:aws',
);
