// NodeSecurity
