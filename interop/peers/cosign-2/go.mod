module sealwright.dev/interop/cosign-2

go 1.26

require github.com/sigstore/cosign/v2 v2.6.1
