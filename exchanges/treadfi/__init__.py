"""What the flavours of TreadFi share: its own API, sign-in, orders. Not an exchange itself: a flavour is this over a venue's class."""
