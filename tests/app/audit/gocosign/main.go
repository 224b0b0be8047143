// Checks a cosigned checkpoint with Go's own note package and Ed25519: the log's signature, and cosignatures of type
// 0x04 as the C2SP text defines them. Nothing of it is taken from the project.
//
//	gocosign NOTE LOG-VKEY COUNT WITNESS-VKEY…
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func fail(format string, values ...any) {
	fmt.Printf("FAIL "+format+"\n", values...)
	os.Exit(1)
}

func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		fail("a verifier key of a witness has three parts")
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 33 || typed[0] != 4 {
		fail("not a witness's key: %s", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		fail("the key id of %s is %08x", parts[0], hash)
	}
	return cosigner{parts[0], hash, ed25519.PublicKey(typed[1:])}
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail("%v", err)
	}
	log, err := note.NewVerifier(os.Args[2])
	if err != nil {
		fail("%v", err)
	}
	wanted, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail("%v", err)
	}
	verifiers := []note.Verifier{log}
	for _, vkey := range os.Args[4:] {
		verifiers = append(verifiers, newCosigner(vkey))
	}
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		fail("%v", err)
	}
	isLogged, cosigned := false, 0
	for _, signature := range opened.Sigs {
		if signature.Name == log.Name() && signature.Hash == log.KeyHash() {
			isLogged = true
		} else {
			cosigned++
		}
	}
	if !isLogged || cosigned < wanted {
		fail("signed by the log: %v, cosigned by %d of %d", isLogged, cosigned, wanted)
	}
	fmt.Printf("ok cosigned by %d\n", cosigned)
}
