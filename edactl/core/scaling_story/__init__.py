"""Why a service did or did not scale, out of what AWS keeps of it."""
