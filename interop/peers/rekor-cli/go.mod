module sealwright.dev/interop/rekor-cli

go 1.26

require github.com/sigstore/rekor v1.5.0
