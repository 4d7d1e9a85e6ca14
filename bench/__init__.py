"""How fast Choir is on this machine. Figures are printed, never asserted: machines differ."""
