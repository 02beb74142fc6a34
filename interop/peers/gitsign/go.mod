module sealwright.dev/interop/gitsign

go 1.26

require github.com/sigstore/gitsign v0.14.0
