// SPDX-License-Identifier: GPL-2.0-or-later
// What tests execute when they need an exec: it does nothing. It is linked statically
// and copied to tmpfs, for an exec that has to wait for a file system switches away
// from the process, and the gate at the switch leaves none of the work to that at exec.
int main() {}
