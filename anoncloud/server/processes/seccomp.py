"""Seccomp: system calls that a worker never makes, and whoever took it over would like to.

By libseccomp, which knows each machine's numbers for them, through pyseccomp.
"""

import errno
import os
from typing import Any, Final

try:
    import pyseccomp
except (ImportError, RuntimeError):  # it is not installed, or libseccomp is not
    pyseccomp = None

NEVER: Final = (
    # to become another program, or more than one
    *("execve", "execveat", "fork", "vfork", "memfd_create"),
    # to be reached, or to reach somebody; what a worker serves it is given
    *("socket", "bind", "listen", "accept", "accept4", "connect", "io_uring_setup"),
    # to look into others, or to end them
    *("ptrace", "process_vm_readv", "process_vm_writev", "kill", "pidfd_open", "pidfd_getfd"),
    *("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"),
    *("perf_event_open", "userfaultfd", "process_madvise", "process_mrelease", "kcmp"),
    # to be more than it is
    *("setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "capset"),
    *("unshare", "setns", "chroot", "pivot_root", "mount", "umount2", "open_by_handle_at"),
    *("mknod", "mknodat", "keyctl", "add_key", "request_key", "bpf", "personality"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "reboot", "swapon", "swapoff"),
    *("settimeofday", "clock_settime", "sethostname", "setdomainname", "acct", "quotactl"),
)
_THREAD: Final = 0x10000
"""``CLONE_THREAD`` of clone(2): threads may be started, processes may not."""


def is_there() -> bool:
    """Whether the library is there."""
    return pyseccomp is not None


def forbid() -> None:
    """Refuse this process and its threads all of NEVER, and new processes, for good.

    Threads that run already are not held by it, so it must come before them.

    :raises OSError: the kernel does not do it.
    """
    library: Any = pyseccomp
    refuse = library.ERRNO(errno.EPERM)
    rules = library.SyscallFilter(library.ALLOW)
    for name in NEVER:
        try:
            rules.add_rule(refuse, name)
        except (ValueError, OSError):  # a machine, or a library, that has no such call
            continue
    is_process = library.Arg(0, library.MASKED_EQ, _THREAD, 0)
    rules.add_rule(refuse, "clone", is_process)
    # It may end itself, as abort(3) does, and ask after its own limits, as getrlimit(3) does.
    rules.add_rule(refuse, "tgkill", library.Arg(0, library.NE, os.getpid()))
    rules.add_rule(refuse, "prlimit64", library.Arg(0, library.NE, 0))
    # Its flags lie where no filter can look; who is told that there is none takes clone.
    rules.add_rule(library.ERRNO(errno.ENOSYS), "clone3")
    rules.load()
