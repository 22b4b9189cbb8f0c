"""Methods that rooms share: some part of every `Dex`, some for a room to take and fill with hooks of its own."""
