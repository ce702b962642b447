// cafÃ©
// café
builtin.module {}
