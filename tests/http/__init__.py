"""What every HTTP door stands on."""
