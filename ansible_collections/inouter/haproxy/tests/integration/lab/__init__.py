# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test laboratory: real HAProxy builds, origins, load and sshd on loopback."""
