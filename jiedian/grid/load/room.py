"""实测负荷: the measured load of devices and the accounts at their nodes."""
