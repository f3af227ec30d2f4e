"""The screens: they read snapshots and playback, and decide nothing."""
