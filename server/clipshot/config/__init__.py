"""The settings as they lie about: the settings file, the environment, the command line."""
