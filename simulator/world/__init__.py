"""The modelled AWS: everything around the real steps, in virtual time."""
