"""The screens in a browser: a web server for the workshop's tablet, and what it starts for each.

Station: beside the command line. A screen that is served only looks: nothing is sent, recorded or
kept from it, and neither the transmit gate nor anything else that sends is part of its process.
"""
