# The command line in an image. It is for x64, because the local stand-in for DynamoDB has a binary for x64 only.
FROM node:24-bookworm-slim AS pack
WORKDIR /source
COPY . .
RUN npm ci --no-audit --no-fund && npm pack --pack-destination /

FROM node:24-bookworm-slim AS install
WORKDIR /opt/atlas-lake
COPY --from=pack /atlas-lake-*.tgz /
RUN npm install --no-audit --no-fund /atlas-lake-*.tgz

FROM node:24-bookworm-slim
COPY --from=install /opt/atlas-lake /opt/atlas-lake
RUN ln -s /opt/atlas-lake/node_modules/.bin/atlas-lake /usr/local/bin/atlas-lake \
 && install -d -o node -g node /lake
USER node
# The lake is in .lake below this folder.
WORKDIR /lake
VOLUME /lake
# Ctrl-C, which the command line answers with a message. A container that is killed loses nothing, either.
STOPSIGNAL SIGINT
ENTRYPOINT ["atlas-lake"]
CMD ["--help"]
