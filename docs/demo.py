"""The tour that ``make demo`` runs: real processes, real files, nothing prepared.

Starts a server with its defaults in a folder of its own, registers, stores files, lists, fetches
and compares them, and shows what the server has of all that. Everything is removed at the end.
"""

import filecmp
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent
PASSPHRASE = "correct horse battery staple"


def say(line: str) -> None:
    """Tell what comes next."""
    print(f"\n== {line}", flush=True)


def run(work: Path, *arguments: str, quiet: bool = False) -> str:
    """Run one ``anoncloud`` command as a user would, and show it."""
    words = ["anoncloud", *arguments]
    print("$ " + " ".join(word if len(word) < 60 else word[:50] + "..." for word in words))
    environment = {
        **os.environ,
        "ANONCLOUD_STATE": str(work / "client"),
        "ANONCLOUD_PASSPHRASE": PASSPHRASE,
    }
    done = subprocess.run(
        [BIN / "anoncloud", *arguments],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    if not quiet:
        print(done.stdout, end="")
    return done.stdout


def free_port() -> int:
    """Find a port on loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(work: Path) -> tuple["subprocess.Popen[str]", str]:
    """Start the daemon with its defaults; give it and the invitation that it prints."""
    port = free_port()
    command = [
        BIN / "twistd", "--nodaemon", "--pidfile=", "anoncloud",
        "--state-dir", work / "server",
        "--listen", f"tcp:{port}:interface=127.0.0.1",
        "--public-host", "127.0.0.1",
    ]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen = ""
    for line in server.stdout or ():
        seen += line
        found = re.search(r"anoncloud://\S+#[\w-]{43}\.[\w-]{22}", line)
        if found:
            return server, found.group()
    message = f"the server did not start:\n{seen}"
    raise SystemExit(message)


def make_files(folder: Path) -> None:
    """Write some real files: short, long, empty, and with names that are not easy."""
    (folder / "letters").mkdir(parents=True)
    (folder / "letters" / "to-anna.txt").write_text("Dear Anna, nobody else will read this.\n" * 40)
    (folder / "letters" / "Grüße 你好.txt").write_text("hello\n")
    (folder / "empty").touch()
    (folder / "holiday.raw").write_bytes(os.urandom(9_000_001))
    for number in range(300):
        (folder / f"note {number}.txt").write_text(f"note {number}\n" * (number % 7))


def same(one: Path, other: Path) -> bool:
    """Compare two folders byte for byte."""
    names = sorted(path.relative_to(one) for path in one.rglob("*"))
    if names != sorted(path.relative_to(other) for path in other.rglob("*")):
        return False
    return all(
        filecmp.cmp(one / name, other / name, shallow=False)
        for name in names
        if (one / name).is_file()
    )


def show_server(folder: Path) -> None:
    """Show what lies on the server's disk, and search it for what must not be there."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    blobs = [path for path in files if path.stat().st_size in {256 * 1024, 4 * 1024 * 1024}]
    for path in sorted(blobs)[:5]:
        print(f"{path.stat().st_size:>9}  {path.relative_to(folder)}")
    print(f"... {len(blobs)} blobs, all of them 262144 or 4194304 bytes long")
    stored = b"".join(path.read_bytes() for path in files)
    for mark in (b"Anna", b"holiday", b"letters", b"nobody else", PASSPHRASE.encode()):
        print(f"the server's {len(stored):,} bytes hold {mark.decode()!r}: {mark in stored}")
        if mark in stored:
            raise SystemExit("the server can read something")


def main() -> None:
    """Run the tour."""
    work = Path(tempfile.mkdtemp(prefix="anoncloud-demo-"))
    server = None
    try:
        say("start a server: embedded SQLite, blobs in a folder, a key made on the spot")
        server, invitation = start_server(work)
        print(f"it invites: {invitation}")
        say("register: the kit is the second secret beside the passphrase")
        run(work, "register", invitation, "alice", "--kit", str(work / "kit"))
        say("store real files: 304 of them, from empty to 9 MB")
        make_files(work / "files")
        begun = time.monotonic()
        run(work, "put", "-r", str(work / "files"), "/")
        print(f"({time.monotonic() - begun:.1f} s)")
        say("list")
        run(work, "ls", "-l", "/files/letters")
        print(f"... and {len(run(work, 'ls', '-r', '/', quiet=True).splitlines())} names in all")
        say("rename a folder, trash a file, bring it back: small records, no bytes moved")
        run(work, "mv", "/files/letters", "/files/post")
        run(work, "rm", "/files/holiday.raw")
        run(work, "restore", "/files/holiday.raw")
        run(work, "mv", "/files/post", "/files/letters")
        say("fetch everything, and compare byte for byte")
        run(work, "get", "-r", "/files", str(work / "again"))
        if not same(work / "files", work / "again"):
            raise SystemExit("what came back is not what was stored")
        print("identical")
        say("what the server sees")
        show_server(work / "server")
        say("done; everything is removed again")
        print(
            "Your own: 'twistd anoncloud' starts a server and prints an invitation for "
            "'anoncloud register'."
        )
        print("'anoncloud' alone is the explorer, a drive in the terminal.")
    finally:
        if server is not None:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
