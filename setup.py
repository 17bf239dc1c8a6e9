"""Package AnonymousCloud; everything that can be said as data is said in pyproject.toml."""

from setuptools import find_namespace_packages, setup

setup(
    # twisted/ and twisted/plugins/ have no __init__.py: they are Twisted's, and we only add a file.
    packages=find_namespace_packages(include=["anoncloud*", "twisted.plugins"]),
    package_data={"anoncloud.server.stores": ["schema/*.sql", "schema/postgres/*.sql"]},
)
