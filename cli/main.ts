#!/usr/bin/env node
const message: string = 'hello';
console.log(message, process.version, process.ppid, process.env['npm_command']);
