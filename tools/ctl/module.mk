# Sources of tools/ctl.
