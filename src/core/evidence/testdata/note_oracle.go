// Reads a signed note with golang.org/x/mod/sumdb/note, then with each of its bits flipped; writes one of its own.
// Arguments: file of the verifier key, file of the note.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Whether the last line of two notes has the same signature in two spellings: Go's decoder passes over the two
// unused bits at its end, which is no change of the note.
func sameSignature(a, b []byte) bool {
	decode := func(text []byte) []byte {
		fields := bytes.Fields(text)
		octets, err := base64.StdEncoding.DecodeString(string(fields[len(fields)-1]))
		must(err)
		return octets
	}
	spelling := len("xxx=\n")
	return len(a) == len(b) && bytes.Equal(a[:len(a)-spelling], b[:len(b)-spelling]) && bytes.Equal(decode(a), decode(b))
}

func main() {
	vkey, err := os.ReadFile(os.Args[1])
	must(err)
	verifier, err := note.NewVerifier(string(vkey))
	must(err)
	octets, err := os.ReadFile(os.Args[2])
	must(err)
	opened, err := note.Open(octets, note.VerifierList(verifier))
	must(err)
	fmt.Println("accepted", base64.StdEncoding.EncodeToString([]byte(opened.Text)))

	refused := 0
	for bit := 0; bit < len(octets)*8; bit++ {
		flipped := append([]byte{}, octets...)
		flipped[bit/8] ^= 1 << (bit % 8)
		_, err := note.Open(flipped, note.VerifierList(verifier))
		if err != nil || sameSignature(flipped, octets) {
			refused++
		}
	}
	fmt.Println("refused", refused)

	secret, public, err := note.GenerateKey(rand.Reader, "theirs.example")
	must(err)
	signer, err := note.NewSigner(secret)
	must(err)
	signed, err := note.Sign(&note.Note{Text: "their text\n\nwith a blank line\n"}, signer)
	must(err)
	fmt.Println(public)
	fmt.Println(base64.StdEncoding.EncodeToString(signed))
}
