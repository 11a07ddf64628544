"""The machine below the server: processes, disks, files of the installation."""
