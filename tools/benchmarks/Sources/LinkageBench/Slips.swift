/// What goes wrong when people type and copy.
enum Slips {
    /// A text with one letter left out, doubled, wrong or exchanged with its neighbour.
    static func typo(_ text: String, _ chance: inout Chance) -> String {
        var letters = Array(text)
        if letters.count < 2 { return text }
        let place = chance.below(letters.count)
        let isNumber = letters[place].isNumber
        let wrong = isNumber ? Character(String(chance.below(10))) : chance.one(of: Array("abcdefghijklmnopqrstuvwxyz"))
        switch chance.below(4) {
        case 0: letters.remove(at: place)
        case 1: letters.insert(wrong, at: place)
        case 2: letters[place] = wrong
        default: letters.swapAt(max(1, place) - 1, max(1, place))
        }
        return String(letters)
    }

    /// A number with one digit wrong, or two neighbours exchanged.
    static func digitSlip(_ text: String, _ chance: inout Chance) -> String {
        var letters = Array(text)
        let digits = letters.indices.filter { letters[$0].isNumber }
        guard digits.count > 2 else { return text }
        let place = chance.one(of: Array(digits.dropFirst()))
        if chance.happens(0.5), letters[place - 1].isNumber {
            letters.swapAt(place, place - 1)
        } else {
            letters[place] = Character(String(chance.below(10)))
        }
        return String(letters)
    }

    /// A birth date as it comes to stand in a record that is copied badly: a slip, day and month exchanged, the first of January, a
    /// year alone, a man of 200 years.
    static func date(_ day: BirthDay, _ chance: inout Chance) -> String {
        if chance.happens(0.045) { return digitSlip(day.text, &chance) }
        if chance.happens(0.015), day.day <= 12 { return BirthDay(year: day.year, month: day.day, day: day.month).text }
        if chance.happens(0.015) { return BirthDay(year: day.year, month: 1, day: 1).text }
        if chance.happens(0.01) { return String(day.year) }
        if chance.happens(0.004) { return BirthDay(year: day.year - 200, month: day.month, day: day.day).text }
        return day.text
    }
}

/// A day of birth.
struct BirthDay {
    var year: Int
    var month: Int
    var day: Int

    init(year: Int, month: Int, day: Int) { (self.year, self.month, self.day) = (year, month, day) }

    /// Some day of a year.
    init(year: Int, _ chance: inout Chance) { self.init(year: year, month: 1 + chance.below(12), day: 1 + chance.below(28)) }

    /// As YYYY-MM-DD.
    var text: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))"
    }
}
