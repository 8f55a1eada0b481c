// Reads a checkpoint cosigned by us with golang.org/x/mod/sumdb/note, and writes one cosigned here. What is peculiar to a cosignature is
// written down below from C2SP tlog-cosignature; note format, key ids and Ed25519 are Go's own.
// Arguments: file of the witness' verifier key, file of the log's verifier key, file of the note.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const cosignatureType = 4

type cosigner struct {
	name    string
	public  ed25519.PublicKey
	private ed25519.PrivateKey
	time    uint64
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(c.name+"\n"), append([]byte{cosignatureType}, c.public...)...))
	return binary.BigEndian.Uint32(sum[:])
}

func message(time uint64, text []byte) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
}

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(c.public, message(binary.BigEndian.Uint64(signature), text), signature[8:])
}

func (c cosigner) Sign(text []byte) ([]byte, error) {
	out := binary.BigEndian.AppendUint64(nil, c.time)
	return append(out, ed25519.Sign(c.private, message(c.time, text))...), nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func parse(vkey string) (cosigner, error) {
	parts := strings.SplitN(strings.TrimSpace(vkey), "+", 3)
	octets, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(octets) != 33 || octets[0] != cosignatureType {
		return cosigner{}, errors.New("not a witness' key")
	}
	out := cosigner{name: parts[0], public: octets[1:]}
	if fmt.Sprintf("%08x", out.KeyHash()) != parts[1] {
		return cosigner{}, errors.New("another key id")
	}
	return out, nil
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	witness, err := parse(string(text))
	must(err)
	text, err = os.ReadFile(os.Args[2])
	must(err)
	log, err := note.NewVerifier(strings.TrimSpace(string(text)))
	must(err)
	octets, err := os.ReadFile(os.Args[3])
	must(err)
	opened, err := note.Open(octets, note.VerifierList(log, witness))
	must(err)
	fmt.Println("verified", len(opened.Sigs), "unverified", len(opened.UnverifiedSigs))

	seed := sha256.Sum256([]byte("a seed"))
	private := ed25519.NewKeyFromSeed(seed[:])
	theirs := cosigner{"theirs.example/w1", private.Public().(ed25519.PublicKey), private, 1679315147}
	signed, err := note.Sign(&note.Note{Text: opened.Text, Sigs: opened.Sigs[:1]}, theirs)
	must(err)
	fmt.Printf("%s+%08x+%s\n", theirs.name, theirs.KeyHash(),
		base64.StdEncoding.EncodeToString(append([]byte{cosignatureType}, theirs.public...)))
	fmt.Println(base64.StdEncoding.EncodeToString(signed))
}
