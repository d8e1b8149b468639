"""Serves moto's S3, SQS and Glue on a free port of the loopback interface, and prints the port.

moto 5.2.5 differs from S3 in three ways, and the collector relies on the first two:
- It stores a checksum only if the request also names the algorithm, and does not compare it with the body.
- It does not return such a checksum on HEAD.
- It accepts keys of any length.
A layer in front of it behaves like S3. SQS is unchanged: moto accepts message bodies, group ids and deduplication ids that
SQS rejects, but the collector's contain only ids and numbers.

moto's Glue has no column statistics, which Trino reads and writes. Here it accepts and forgets them.
"""

import base64
import hashlib
import io
import json
from urllib.parse import unquote

from moto.glue.responses import GlueResponse
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

LONGEST_KEY = 1024


def as_strict_as_s3(application):
    def serve(environ, start_response):
        if environ["REQUEST_METHOD"] != "PUT":
            return application(environ, start_response)
        path = environ.get("REQUEST_URI", environ["PATH_INFO"]).split("?")[0]
        _, _, key = unquote(path).lstrip("/").partition("/")
        if len(key.encode()) > LONGEST_KEY:
            return refuse(start_response, "KeyTooLongError", "Your key is too long")
        claimed = environ.get("HTTP_X_AMZ_CHECKSUM_SHA256")
        if claimed:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            if base64.b64encode(hashlib.sha256(body).digest()).decode() != claimed:
                return refuse(start_response, "BadDigest", "The SHA256 you specified did not match what we received.")
            environ["wsgi.input"] = io.BytesIO(body)
            environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = "SHA256"
        return application(environ, start_response)

    return serve


def refuse(start_response, code, message):
    body = f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    start_response("400 Bad Request", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]


NO_STATISTICS = {
    "update": {"Errors": []},
    "get": {"ColumnStatisticsList": [], "Errors": []},
    "delete": {},
}
for action, answer in NO_STATISTICS.items():
    for thing in ("table", "partition"):
        name = f"{action}_column_statistics_for_{thing}"
        setattr(GlueResponse, name, lambda self, body=json.dumps(answer): body)

# Keeps connections open. Otherwise each request of the SDK opens a new one.
WSGIRequestHandler.protocol_version = "HTTP/1.1"
# The server writes a header and its body separately. Otherwise each body waits 40 ms for the acknowledgement of its header.
WSGIRequestHandler.disable_nagle_algorithm = True
server = make_server(
    "127.0.0.1", 0, as_strict_as_s3(DomainDispatcherApplication(create_backend_app)), threaded=True
)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
