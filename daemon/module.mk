# Sources of daemon.
