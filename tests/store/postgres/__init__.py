"""What only the scale-out store does: servers that die, hang, refuse, or hold a lock."""
