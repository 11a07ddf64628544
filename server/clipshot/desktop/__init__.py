"""The desktop of the person in front of the screen: notifications and sounds."""
