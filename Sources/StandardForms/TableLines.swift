import ProfileModel

/// The lines of a table of `schema/`: fields between tabs; comments and the line of titles are left out.
enum TableLines {
    static func forEach(in file: String, _ body: ([Substring]) -> Void) {
        guard let text = EmbeddedFile.text(file) else { preconditionFailure("\(file) is embedded") }
        var isTitled = false
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if isTitled { body(line.split(separator: "\t", omittingEmptySubsequences: false)) }
            isTitled = true
        }
    }
}
