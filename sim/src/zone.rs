//! Time zones: which there are, how far they are ahead of UTC, and when that changes in the year.
//!
//! Not of Kubernetes: the IANA time zone database, as its rules stand for the years to come. Not known: that Morocco and
//! Western Sahara go back an hour in Ramadan, and what was in former years.

use crate::clock::Date;

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone {
    /// Minutes ahead of UTC in the one and in the other part of the year.
    standard: i64,
    summer: i64,
    /// When summer time begins and ends, on the clock that goes until then.
    change: Option<(Change, Change)>,
}

/// `3.5.0/2`: in March, on the last (5th) Sunday (0), at 2 o'clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Change {
    month: u32,
    week: i64,
    weekday: i64,
    seconds: i64,
}

impl Zone {
    pub const UTC: Zone = Zone { standard: 0, summer: 0, change: None };

    /// The zone of a name; `None` if there is none such.
    pub fn find(name: &str) -> Option<Zone> {
        let mut rules = "";
        for line in ZONES.lines() {
            let (head, names) = if let Some(more) = line.strip_prefix("+ ") {
                (rules, more)
            } else {
                line.split_at(line.find(|c: char| c.is_ascii_alphabetic())?)
            };
            rules = head;
            if names.split(' ').any(|known| known == name) {
                return Zone::read(rules);
            }
        }
        None
    }

    fn read(rules: &str) -> Option<Zone> {
        let mut words = rules.split_whitespace();
        let mut minutes = || words.next().map(|word| word.parse::<i64>());
        let standard = minutes()?.ok()?;
        let Some(Ok(summer)) = minutes() else { return Some(Zone { standard, summer: standard, change: None }) };
        let (begin, end) = (Change::read(words.next()?)?, Change::read(words.next()?)?);
        Some(Zone { standard, summer, change: Some((begin, end)) })
    }

    /// Seconds that the zone is ahead of UTC at an instant, in seconds since 1970.
    pub fn ahead(self, unix: i64) -> i64 {
        let (standard, summer) = (self.standard * 60, self.summer * 60);
        let Some((begin, end)) = self.change else { return standard };
        let year = Date::from_unix(unix + standard).year;
        let (begin, end) = (begin.of(year) - standard, end.of(year) - summer);
        let is_summer = if begin < end { unix >= begin && unix < end } else { unix >= begin || unix < end };
        if is_summer { summer } else { standard }
    }
}

impl Change {
    fn read(text: &str) -> Option<Change> {
        let (day, time) = text.split_once('/').unwrap_or((text, "2"));
        let mut numbers = day.split('.').map(|n| n.parse::<i64>().ok());
        let mut next = || numbers.next().flatten();
        let (month, week, weekday) = (next()? as u32, next()?, next()?);
        let (hours, minutes) = time.split_once(':').unwrap_or((time, "0"));
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        Some(Change { month, week, weekday, seconds: hours * 3600 + minutes * 60 })
    }

    /// The instant in a year, as if its clock were that of UTC.
    fn of(self, year: i64) -> i64 {
        let start =
            |year: i64, month: u32| Date { year, month, day: 1, hour: 0, minute: 0, second: 0, weekday: 0 }.to_unix();
        let first = start(year, self.month);
        let next = if self.month == 12 { start(year + 1, 1) } else { start(year, self.month + 1) };
        let weekday = i64::from(Date::from_unix(first).weekday);
        let mut day = first + ((self.weekday - weekday).rem_euclid(7) + (self.week - 1) * 7) * 86_400;
        while day >= next {
            day -= 7 * 86_400;
        }
        day + self.seconds
    }
}

/// A line each rule: minutes ahead of UTC, and where that changes, minutes in summer, its begin and its end; then the names.
/// A line with `+` goes on with the names of the one before.
const ZONES: &str = "\
-720 Etc/GMT+12
-660 Etc/GMT+11 Pacific/Midway Pacific/Niue Pacific/Pago_Pago Pacific/Samoa US/Samoa
-600 Etc/GMT+10 HST Pacific/Honolulu Pacific/Johnston Pacific/Rarotonga Pacific/Tahiti US/Hawaii
-600 -540 3.2.0 11.1.0 America/Adak America/Atka US/Aleutian
-570 Pacific/Marquesas
-540 Etc/GMT+9 Pacific/Gambier
-540 -480 3.2.0 11.1.0 America/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka
+ America/Yakutat US/Alaska
-480 Etc/GMT+8 Pacific/Pitcairn
-480 -420 3.2.0 11.1.0 America/Ensenada America/Los_Angeles America/Santa_Isabel America/Tijuana
+ America/Vancouver Canada/Pacific Mexico/BajaNorte PST8PDT US/Pacific
-420 America/Creston America/Dawson America/Dawson_Creek America/Fort_Nelson America/Hermosillo America/Mazatlan
+ America/Phoenix America/Whitehorse Canada/Yukon Etc/GMT+7 MST Mexico/BajaSur US/Arizona
-420 -360 3.2.0 11.1.0 America/Boise America/Cambridge_Bay America/Ciudad_Juarez America/Denver America/Edmonton
+ America/Inuvik America/Shiprock America/Yellowknife Canada/Mountain MST7MDT Navajo US/Mountain
-360 America/Bahia_Banderas America/Belize America/Chihuahua America/Costa_Rica America/El_Salvador
+ America/Guatemala America/Managua America/Merida America/Mexico_City America/Monterrey America/Regina
+ America/Swift_Current America/Tegucigalpa Canada/Saskatchewan Etc/GMT+6 Mexico/General Pacific/Galapagos
-360 -300 3.2.0 11.1.0 America/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN
+ America/Matamoros America/Menominee America/North_Dakota/Beulah America/North_Dakota/Center
+ America/North_Dakota/New_Salem America/Ojinaga America/Rainy_River America/Rankin_Inlet America/Resolute
+ America/Winnipeg CST6CDT Canada/Central US/Central US/Indiana-Starke
-360 -300 9.1.6/22 4.1.6/22 Chile/EasterIsland Pacific/Easter
-300 America/Atikokan America/Bogota America/Cancun America/Cayman America/Coral_Harbour America/Eirunepe
+ America/Guayaquil America/Jamaica America/Lima America/Panama America/Porto_Acre America/Rio_Branco
+ Brazil/Acre EST Etc/GMT+5 Jamaica
-300 -240 3.2.0 11.1.0 America/Detroit America/Fort_Wayne America/Grand_Turk America/Indiana/Indianapolis
+ America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes
+ America/Indiana/Winamac America/Indianapolis America/Iqaluit America/Kentucky/Louisville
+ America/Kentucky/Monticello America/Louisville America/Montreal America/Nassau America/New_York
+ America/Nipigon America/Pangnirtung America/Port-au-Prince America/Thunder_Bay America/Toronto Canada/Eastern
+ EST5EDT US/East-Indiana US/Eastern US/Michigan
-300 -240 3.2.0/0 11.1.0/1 America/Havana Cuba
-240 America/Anguilla America/Antigua America/Aruba America/Barbados America/Blanc-Sablon America/Boa_Vista
+ America/Campo_Grande America/Caracas America/Cuiaba America/Curacao America/Dominica America/Grenada
+ America/Guadeloupe America/Guyana America/Kralendijk America/La_Paz America/Lower_Princes America/Manaus
+ America/Marigot America/Martinique America/Montserrat America/Port_of_Spain America/Porto_Velho
+ America/Puerto_Rico America/Santo_Domingo America/St_Barthelemy America/St_Kitts America/St_Lucia
+ America/St_Thomas America/St_Vincent America/Tortola America/Virgin Brazil/West Etc/GMT+4
-240 -180 3.2.0 11.1.0 America/Glace_Bay America/Goose_Bay America/Halifax America/Moncton America/Thule
+ Atlantic/Bermuda Canada/Atlantic
-240 -180 9.1.6/24 4.1.6/24 America/Santiago Chile/Continental
-210 -150 3.2.0 11.1.0 America/St_Johns Canada/Newfoundland
-180 America/Araguaina America/Argentina/Buenos_Aires America/Argentina/Catamarca
+ America/Argentina/ComodRivadavia America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/La_Rioja
+ America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan
+ America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Asuncion America/Bahia
+ America/Belem America/Buenos_Aires America/Catamarca America/Cayenne America/Cordoba America/Coyhaique
+ America/Fortaleza America/Jujuy America/Maceio America/Mendoza America/Montevideo America/Paramaribo
+ America/Punta_Arenas America/Recife America/Rosario America/Santarem America/Sao_Paulo Antarctica/Palmer
+ Antarctica/Rothera Atlantic/Stanley Brazil/East Etc/GMT+3
-180 -120 3.2.0 11.1.0 America/Miquelon
-120 America/Noronha Atlantic/South_Georgia Brazil/DeNoronha Etc/GMT+2
-120 -60 3.5.0/-1 10.5.0/0 America/Godthab America/Nuuk America/Scoresbysund
-60 Atlantic/Cape_Verde Etc/GMT+1
-60 0 3.5.0/0 10.5.0/1 Atlantic/Azores
0 Africa/Abidjan Africa/Accra Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry Africa/Dakar
+ Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou Africa/Sao_Tome
+ Africa/Timbuktu America/Danmarkshavn Atlantic/Reykjavik Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0
+ Etc/GMT0 Etc/Greenwich Etc/UCT Etc/UTC Etc/Universal Etc/Zulu GMT GMT+0 GMT-0 GMT0 Greenwich Iceland UCT UTC
+ Universal Zulu
0 120 3.5.0/1 10.5.0/3 Antarctica/Troll
0 60 3.5.0/1 10.5.0 Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Europe/Belfast
+ Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/Lisbon Europe/London GB GB-Eire Portugal WET
60 Africa/Algiers Africa/Bangui Africa/Brazzaville Africa/Casablanca Africa/Douala Africa/El_Aaiun
+ Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena Africa/Niamey
+ Africa/Porto-Novo Africa/Tunis Etc/GMT-1
60 0 10.5.0 3.5.0/1 Eire Europe/Dublin
60 120 3.5.0 10.5.0/3 Africa/Ceuta Arctic/Longyearbyen Atlantic/Jan_Mayen CET Europe/Amsterdam Europe/Andorra
+ Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen
+ Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco
+ Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo
+ Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw
+ Europe/Zagreb Europe/Zurich MET Poland
120 Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Johannesburg Africa/Juba
+ Africa/Khartoum Africa/Kigali Africa/Lubumbashi Africa/Lusaka Africa/Maputo Africa/Maseru Africa/Mbabane
+ Africa/Tripoli Africa/Windhoek Etc/GMT-2 Europe/Kaliningrad Libya
120 180 3.4.4/26 10.5.0 Asia/Jerusalem Asia/Tel_Aviv Israel
120 180 3.4.4/50 10.4.4/50 Asia/Gaza Asia/Hebron
120 180 3.5.0 10.5.0/3 Europe/Chisinau Europe/Tiraspol
120 180 3.5.0/0 10.5.0/0 Asia/Beirut
120 180 3.5.0/3 10.5.0/4 Asia/Famagusta Asia/Nicosia EET Europe/Athens Europe/Bucharest Europe/Helsinki
+ Europe/Kiev Europe/Kyiv Europe/Mariehamn Europe/Nicosia Europe/Riga Europe/Sofia Europe/Tallinn
+ Europe/Uzhgorod Europe/Vilnius Europe/Zaporozhye
120 180 4.5.5/0 10.5.4/24 Africa/Cairo Egypt
180 Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala
+ Africa/Mogadishu Africa/Nairobi Antarctica/Syowa Asia/Aden Asia/Amman Asia/Baghdad Asia/Bahrain Asia/Damascus
+ Asia/Istanbul Asia/Kuwait Asia/Qatar Asia/Riyadh Etc/GMT-3 Europe/Istanbul Europe/Kirov Europe/Minsk
+ Europe/Moscow Europe/Simferopol Europe/Volgograd Indian/Antananarivo Indian/Comoro Indian/Mayotte Turkey W-SU
210 Asia/Tehran Iran
240 Asia/Baku Asia/Dubai Asia/Muscat Asia/Tbilisi Asia/Yerevan Etc/GMT-4 Europe/Astrakhan Europe/Samara
+ Europe/Saratov Europe/Ulyanovsk Indian/Mahe Indian/Mauritius Indian/Reunion
270 Asia/Kabul
300 Antarctica/Mawson Antarctica/Vostok Asia/Almaty Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Ashkhabad
+ Asia/Atyrau Asia/Dushanbe Asia/Karachi Asia/Oral Asia/Qostanay Asia/Qyzylorda Asia/Samarkand Asia/Tashkent
+ Asia/Yekaterinburg Etc/GMT-5 Indian/Kerguelen Indian/Maldives
330 Asia/Calcutta Asia/Colombo Asia/Kolkata
345 Asia/Kathmandu Asia/Katmandu
360 Asia/Bishkek Asia/Dacca Asia/Dhaka Asia/Kashgar Asia/Omsk Asia/Thimbu Asia/Thimphu Asia/Urumqi Etc/GMT-6
+ Indian/Chagos
390 Asia/Rangoon Asia/Yangon Indian/Cocos
420 Antarctica/Davis Asia/Bangkok Asia/Barnaul Asia/Ho_Chi_Minh Asia/Hovd Asia/Jakarta Asia/Krasnoyarsk
+ Asia/Novokuznetsk Asia/Novosibirsk Asia/Phnom_Penh Asia/Pontianak Asia/Saigon Asia/Tomsk Asia/Vientiane
+ Etc/GMT-7 Indian/Christmas
480 Antarctica/Casey Asia/Brunei Asia/Choibalsan Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Hong_Kong
+ Asia/Irkutsk Asia/Kuala_Lumpur Asia/Kuching Asia/Macao Asia/Macau Asia/Makassar Asia/Manila Asia/Shanghai
+ Asia/Singapore Asia/Taipei Asia/Ujung_Pandang Asia/Ulaanbaatar Asia/Ulan_Bator Australia/Perth Australia/West
+ Etc/GMT-8 Hongkong PRC ROC Singapore
525 Australia/Eucla
540 Asia/Chita Asia/Dili Asia/Jayapura Asia/Khandyga Asia/Pyongyang Asia/Seoul Asia/Tokyo Asia/Yakutsk Etc/GMT-9
+ Japan Pacific/Palau ROK
570 Australia/Darwin Australia/North
570 630 10.1.0 4.1.0/3 Australia/Adelaide Australia/Broken_Hill Australia/South Australia/Yancowinna
600 Antarctica/DumontDUrville Asia/Ust-Nera Asia/Vladivostok Australia/Brisbane Australia/Lindeman
+ Australia/Queensland Etc/GMT-10 Pacific/Chuuk Pacific/Guam Pacific/Port_Moresby Pacific/Saipan Pacific/Truk
+ Pacific/Yap
600 660 10.1.0 4.1.0/3 Antarctica/Macquarie Australia/ACT Australia/Canberra Australia/Currie Australia/Hobart
+ Australia/Melbourne Australia/NSW Australia/Sydney Australia/Tasmania Australia/Victoria
630 660 10.1.0 4.1.0 Australia/LHI Australia/Lord_Howe
660 Asia/Magadan Asia/Sakhalin Asia/Srednekolymsk Etc/GMT-11 Pacific/Bougainville Pacific/Efate
+ Pacific/Guadalcanal Pacific/Kosrae Pacific/Noumea Pacific/Pohnpei Pacific/Ponape
660 720 10.1.0 4.1.0/3 Pacific/Norfolk
720 Asia/Anadyr Asia/Kamchatka Etc/GMT-12 Kwajalein Pacific/Fiji Pacific/Funafuti Pacific/Kwajalein
+ Pacific/Majuro Pacific/Nauru Pacific/Tarawa Pacific/Wake Pacific/Wallis
720 780 9.5.0 4.1.0/3 Antarctica/McMurdo Antarctica/South_Pole NZ Pacific/Auckland
765 825 9.5.0/2:45 4.1.0/3:45 NZ-CHAT Pacific/Chatham
780 Etc/GMT-13 Pacific/Apia Pacific/Enderbury Pacific/Fakaofo Pacific/Kanton Pacific/Tongatapu
840 Etc/GMT-14 Pacific/Kiritimati";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_change_when_they_do() {
        let check = |zone: &str, instant: &str, minutes: i64| {
            let unix = Date::parse_rfc3339(instant).expect("a time").to_unix();
            assert_eq!(Zone::find(zone).map(|zone| zone.ahead(unix)), Some(minutes * 60), "{zone} {instant}");
        };
        check("UTC", "2026-07-01T00:00:00Z", 0);
        check("Europe/Berlin", "2026-03-29T00:59:59Z", 60);
        check("Europe/Berlin", "2026-03-29T01:00:00Z", 120);
        check("Europe/Berlin", "2026-10-25T00:59:59Z", 120);
        check("Europe/Berlin", "2026-10-25T01:00:00Z", 60);
        check("Europe/Dublin", "2026-07-01T12:00:00Z", 60);
        check("Europe/Dublin", "2026-01-01T12:00:00Z", 0);
        check("America/New_York", "2026-03-08T06:59:59Z", -300);
        check("America/New_York", "2026-03-08T07:00:00Z", -240);
        check("America/New_York", "2026-11-01T06:00:00Z", -300);
        check("Australia/Sydney", "2026-01-01T00:00:00Z", 660);
        check("Australia/Sydney", "2026-07-01T00:00:00Z", 600);
        check("Asia/Kolkata", "2026-07-01T00:00:00Z", 330);
        check("Asia/Jerusalem", "2026-03-27T00:00:00Z", 180);
        check("America/Nuuk", "2026-03-29T01:00:00Z", -60);
        check("Etc/GMT+5", "2026-07-01T00:00:00Z", -300);
        assert_eq!(Zone::find("Mars/Olympus"), None);
        assert_eq!(Zone::find("60"), None);
    }

    #[test]
    fn every_rule_can_be_read() {
        let mut names = 0;
        for line in ZONES.lines() {
            if let Some(more) = line.strip_prefix("+ ") {
                names += more.split(' ').count();
                continue;
            }
            let (rules, own) = line.split_at(line.find(|c: char| c.is_ascii_alphabetic()).expect("names"));
            names += own.split(' ').count();
            assert!(Zone::read(rules).is_some(), "{line}");
        }
        assert!(names > 590, "{names}");
    }
}
