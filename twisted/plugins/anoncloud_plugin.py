"""Name the plugin, and import nothing of ours: every run of twistd reads this file."""

from twisted.application.service import ServiceMaker

anoncloud = ServiceMaker(
    "AnonymousCloud",
    "anoncloud.server.tap",
    "a drive whose server can read nothing",
    "anoncloud",
)
