# Sources of tools/sim.
