// Reads a signed note with golang.org/x/mod/sumdb/note, then with each of its bits flipped; writes one of its own.
// Arguments: file of the verifier key, file of the note.
package main

import (
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
		if _, err := note.Open(flipped, note.VerifierList(verifier)); err != nil {
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
