import NodeEnvironment
import NodeSecurity
import Testing

@Suite struct AccessTokenTests {
    @Test func readsItsOwnText() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let token = AccessToken(SystemEnvironment())
            let blanks = ["", " ", "\n", "\r\n", "\t "]
            let pasted = blanks.randomElement(using: &generator)! + token.text + blanks.randomElement(using: &generator)!
            let read = try AccessToken(text: pasted)
            #expect(read.text == token.text)
            #expect(read.hash == token.hash)
            #expect(token.text.utf8.count == 61)
            #expect(token.text.hasPrefix("limn_"))
        }
    }

    @Test func tellsOneTokenFromAnother() {
        let token = AccessToken(SystemEnvironment())
        #expect(token.hash != AccessToken(SystemEnvironment()).hash)
        #expect(token.hash == TokenHash(token.hash.bytes))
        #expect(token.hash.bytes.count == 32)
        #expect(token.hash != TokenHash([]))
        #expect(token.hash != TokenHash(Array(token.hash.bytes.dropLast())))
    }

    /// Each token that was not copied whole, or with one wrong character, is told apart.
    @Test func seesWhatIsMissingOrWrong() {
        let text = AccessToken(SystemEnvironment()).text
        for count in 0..<text.count {
            #expect(throws: SecurityError.tokenMalformed) { try AccessToken(text: text.prefix(count)) }
            #expect(throws: SecurityError.tokenMalformed) { try AccessToken(text: text.suffix(count)) }
        }
        var characters = Array(text)
        for index in characters.indices {
            let right = characters[index]
            for wrong in "0a9z_-ILOé \u{0}" where wrong != right {
                characters[index] = wrong
                #expect(throws: SecurityError.tokenMalformed, "\(wrong) at \(index)") { try AccessToken(text: String(characters)) }
            }
            characters[index] = right
        }
        #expect(throws: SecurityError.tokenMalformed) { try AccessToken(text: text + "0") }
        #expect(throws: SecurityError.tokenMalformed) { try AccessToken(text: text + text) }
        #expect(throws: SecurityError.tokenMalformed) { try AccessToken(text: text.uppercased()) }
    }

    @Test func keepsItselfOutOfLogs() {
        let token = AccessToken(SystemEnvironment())
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped] { #expect(text.trimmingSuffix(while: \.isNewline).hasSuffix("AccessToken")) }
    }
}

extension String {
    fileprivate func trimmingSuffix(while matches: (Character) -> Bool) -> Substring {
        var rest = self[...]
        while let last = rest.last, matches(last) { rest.removeLast() }
        return rest
    }
}
