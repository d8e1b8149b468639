"""Configures a Superset that one suite starts on the loopback interface, and that has no data of its own."""

import os

SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.environ["ATLAS_LAKE_TEST_STORE"]
SECRET_KEY = "not secret, because this Superset only serves tests"
# The tests log in without a page, so that they have no token.
WTF_CSRF_ENABLED = False
# Queries take long on a busy machine, and the page gives up after this many seconds.
SUPERSET_WEBSERVER_TIMEOUT = 300
