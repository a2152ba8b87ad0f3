"""The only wire and file shapes. Everything that crosses a process or a disk is described here."""
