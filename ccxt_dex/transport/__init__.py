"""How requests leave and answers come back: the session, proxies, browser impersonation, metering."""
