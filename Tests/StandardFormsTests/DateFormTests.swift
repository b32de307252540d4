import ProfileModel
import StandardForms
import Testing

struct DateFormTests {
    @Test(arguments: [
        ("2024-01-15", "2024-01-15"), ("2024.1.15", "2024-01-15"), ("2024年1月15日", "2024-01-15"), ("20240115", "2024-01-15"),
        ("2024/1/5", "2024-01-05"), ("２０２４年０１月０５号", "2024-01-05"), ("2024 年 1 月 5 日", "2024-01-05"), ("2024年 1月 5日", "2024-01-05"),
        ("2024/1/5 0:00", "2024-01-05"), ("2024-01-05T10:20:30+08:00", "2024-01-05"), ("2024-01-05 10:20:30.5", "2024-01-05"),
        ("1990", "1990"), ("1990年", "1990"), ("1990-05", "1990-05"), ("1990年5月", "1990-05"), ("1990.05", "1990-05"),
        ("1990.5", "forms.not-a-date"), ("2024-02-30", "forms.no-such-day"), ("2023-02-29", "forms.no-such-day"), ("2000-02-29", "2000-02-29"),
        ("1900-02-29", "forms.no-such-day"), ("2024-13-01", "forms.no-such-day"), ("20240100", "forms.no-such-day"), ("20240015", "forms.no-such-day"),
        ("0000-01-01", "forms.no-such-day"), ("15.01.2024", "forms.not-a-date"), ("01/15/2024", "forms.not-a-date"), ("90-1-1", "forms.not-a-date"),
        ("45306", "2024-01-15"), ("45306.75", "2024-01-15"), ("9999", "9999"), ("73051", "forms.not-a-date"), ("45306x", "forms.not-a-date"), ("2024-1/5", "forms.not-a-date"), ("2024-01-15x", "forms.not-a-date"), ("2024-01-15 25:00", "forms.not-a-date"),
        ("2024-01-", "forms.not-a-date"), ("2024年1", "forms.not-a-date"), ("202401", "forms.not-a-date"), ("2024-001-15", "forms.not-a-date"),
        ("很久以前", "forms.not-a-date"),
    ])
    func dates(raw: String, expected: String) { #expect(form(raw, "first_contact_date") == expected) }

    @Test(arguments: [
        ("二〇二四年一月十五日", "2024-01-15"), ("一九九〇年十二月三十一日", "1990-12-31"), ("农历1990年八月十五", "1990-10-03"), ("1990年八月十五", "1990-08-15"),
        ("1985年腊月廿三", "1986-02-01"), ("阴历二〇二四年正月初一", "2024-02-10"), ("农历2023年闰二月初一", "2023-03-22"), ("2023年二月初一", "2023-02-20"),
        ("农历2024年闰二月初一", "forms.no-such-day"), ("农历2024年八月三十一", "forms.no-such-day"), ("二〇二四年二月三十日", "forms.no-such-day"),
        ("农历八月十五", "forms.not-a-date"), ("二〇二四年十三月一日", "forms.not-a-date"), ("1990年8月15日（农历）", "1990-10-03"),
    ])
    func chineseAndLunarDates(raw: String, expected: String) { #expect(form(raw, "first_contact_date") == expected) }

    @Test func spreadsheetsCountInTwoWays() throws {
        let field = FieldCatalogue.standard["first_contact_date"]!
        let form = StandardForm(of: field, now: 0, spreadsheetDates: .since1904)
        let bytes = try form.read("43844").get()
        #expect(bytes == FieldValue.date("2024-01-15").bytes)
        var raw = "43844"
        #expect(raw.withUTF8 { form.changes(from: $0, to: bytes) } == [.spreadsheetDateSince1904])
    }

    /// Now is 2024-05-17 in UTC; further east it may be the 18th within half a day.
    @Test(arguments: [
        ("2024-05-17", "2024-05-17"), ("2024-05-18", "forms.in-future"), ("2024", "2024"), ("2025", "forms.in-future"), ("2024-05", "2024-05"),
        ("2024-06", "forms.in-future"), ("1890-01-01", "1890-01-01"),
    ])
    func birthIsNotInTheFuture(raw: String, expected: String) { #expect(form(raw, "birth_date") == expected) }

    @Test func todayHasBegunFurtherEast() throws {
        let late = try #require(Timestamp.microseconds("2024-05-17T12:00:00Z"))
        let form = StandardForm(of: FieldCatalogue.standard["birth_date"]!, now: late)
        #expect(try form.read("2024-05-18").get() == FieldValue.date("2024-05-18").bytes)
        #expect(throws: FormProblem.self) { try form.read("2024-05-19").get() }
    }

    @Test(arguments: [
        ("2024-01-15T09:30:00Z", "2024-01-15T09:30:00Z"), ("2024-01-15T09:30:00+08:00", "2024-01-15T01:30:00Z"),
        ("2024-01-15 9:30", "2024-01-15T09:30:00Z"), ("2024/1/5 23:59:59", "2024-01-05T23:59:59Z"), ("2024年1月5日 9:30", "2024-01-05T09:30:00Z"),
        ("2024-01-15", "2024-01-15T00:00:00Z"), ("2024-01-15T09:30:00.123456789Z", "2024-01-15T09:30:00.123456Z"),
        ("2024-01-15T00:00:00-0530", "2024-01-15T05:30:00Z"), ("2024-01-15T00:00:00 +08:00", "2024-01-14T16:00:00Z"),
        ("２０２４-01-15 ０９：３０", "2024-01-15T09:30:00Z"), ("2024-01", "forms.not-a-time"), ("2024-01-15T", "forms.not-a-time"),
        ("2024-01-15T24:00", "forms.not-a-time"), ("2024-01-15 9:3", "forms.not-a-time"), ("2024-02-30 10:00", "forms.no-such-day"),
        ("2024-01-15T10:00+8", "forms.not-a-time"), ("noon", "forms.not-a-time"),
    ])
    func instants(raw: String, expected: String) { #expect(form(raw, field(.time)) == expected) }
}
