"""Operations: long work and its states."""
