#!/usr/bin/env python3
"""Runs a command that is killed when it calls socket(2) or connect(2), or anything else that could stand for them.

usage: no_sockets.py COMMAND ARGUMENT…

A seccomp filter, which needs no privileges and holds for every thread and child. Pairs of sockets within a process
(socketpair) stay allowed: a runtime wakes its threads by them, and they reach nobody. Needs Linux on x86_64 or aarch64.
"""
import ctypes
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
LOAD, JUMP_IF_EQUAL, JUMP_IF_LESS, RETURN = 0x20, 0x15, 0x35, 0x06
# AUDIT_ARCH and the numbers of socket, connect, io_uring_setup (a ring can make sockets without a call).
ARCHITECTURES = {
    "x86_64": (0xC000003E, (41, 42, 425)),
    "aarch64": (0xC00000B7, (198, 203, 425)),
}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    audit, denied = ARCHITECTURES[platform.machine()]
    program = [
        (LOAD, 0, 0, 4),                      # the architecture
        (JUMP_IF_EQUAL, 1, 0, audit),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, 0),                      # the number of the call
        (JUMP_IF_LESS, 0, 1, 0x40000000),     # x32's own numbers
        (RETURN, 0, 0, KILL_PROCESS),
    ]
    for call in denied:
        program += [(JUMP_IF_EQUAL, 0, 1, call), (RETURN, 0, 0, KILL_PROCESS)]
    program.append((RETURN, 0, 0, ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    whole = Filter(len(program), ctypes.addressof(code))
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(whole), 0, 0):
        sys.exit(f"no_sockets.py: prctl: {os.strerror(ctypes.get_errno())}")
    os.execvp(sys.argv[1], sys.argv[1:])


main()
