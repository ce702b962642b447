"""Code for other machines: its text inspected, its numbers checked where the machine can be had."""
