"""What other implementations say: zoneinfo, dateutil, libical, icalendar. Called by the tests beside it: oracle.py WHAT ARGUMENTS < INPUT."""
import ctypes
import datetime as dt
import json
import random
import sys
import zoneinfo

UTC = dt.timezone.utc


def zone_changes(name, first_year, last_year):
    """Every offset from UTC and when it begins, seen by looking each half hour."""
    zone = zoneinfo.ZoneInfo(name)
    at = int(dt.datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
    end = int(dt.datetime(last_year, 1, 1, tzinfo=UTC).timestamp())
    last = None
    while at < end:
        offset = int(dt.datetime.fromtimestamp(at, zone).utcoffset().total_seconds())
        if offset != last:
            print(at, offset)
            last = offset
        at += 1800


def wall_instants(name):
    """UTC of wall times: fold 0 is the first of two, and reads what is skipped by the offset before."""
    zone = zoneinfo.ZoneInfo(name)
    for line in sys.stdin:
        print(int(dt.datetime.fromisoformat(line.strip()).replace(tzinfo=zone, fold=0).timestamp()))


CRON_NAMES = {name: i + 1 for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}
CRON_DAYS = {name: i for i, name in enumerate("sun mon tue wed thu fri sat".split())}


def cron_set(text, low, high, names):
    out = set()
    for part in text.lower().split(","):
        part, _, step = part.partition("/")
        first, dash, last = part.partition("-")
        number = lambda word: names[word] if word in names else int(word)
        if part == "*":
            values = range(low, high + 1)
        elif dash:
            start, stop = number(first), number(last)
            values = range(start, (7 if stop == 0 and start > 0 else stop) + 1)
        else:
            values = range(number(first), (high if step else number(first)) + 1)
        out.update(values[:: int(step or 1)])
    return out


def cron_fires(text, name, start, end):
    """Each minute of the wall clock is looked at, and then put on the time line."""
    zone = zoneinfo.ZoneInfo(name)
    minutes, hours, month_days, months, week_days = text.split()
    days_of_week = {day % 7 for day in cron_set(week_days, 0, 6 if week_days.startswith("*") else 7, CRON_DAYS)}
    minute_set, hour_set = cron_set(minutes, 0, 59, {}), cron_set(hours, 0, 23, {})
    month_day_set, month_set = cron_set(month_days, 1, 31, {}), cron_set(months, 1, 12, CRON_NAMES)
    fires = set()
    day = dt.datetime.fromtimestamp(start, UTC).replace(tzinfo=None, hour=0, minute=0, second=0) - dt.timedelta(days=3)
    while day.replace(tzinfo=UTC).timestamp() < end + 3 * 86400:
        of_month, of_week = day.day in month_day_set, day.isoweekday() % 7 in days_of_week
        fits = of_month and of_week if "*" in (month_days, week_days) else of_month or of_week
        if fits and day.month in month_set:
            for minute in range(1440):
                if minute // 60 in hour_set and minute % 60 in minute_set:
                    wall = day + dt.timedelta(minutes=minute)
                    fires.add(int(wall.replace(tzinfo=zone, fold=0).timestamp()))
        day += dt.timedelta(days=1)
    for fire in sorted(fire for fire in fires if start <= fire < end):
        print(fire)


def random_rule(random_source):
    """A rule, and a start, of a kind on which RFC 5545 leaves nothing open."""
    pick = random_source.choice
    some = lambda values, most: sorted(random_source.sample(values, random_source.randint(1, most)))
    frequency = pick(["YEARLY", "YEARLY", "MONTHLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"])
    parts = ["FREQ=" + frequency]
    if random_source.random() < 0.5:
        parts.append("INTERVAL=%d" % random_source.randint(1, 7))
    day_names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    # Numbered days beside plain ones are left out: dateutil takes both conditions together, RFC 5545 either.
    def days(numbered):
        numbered = numbered and random_source.random() < 0.6
        return ",".join((str(pick([1, 2, 3, 4, -1, -2])) if numbered else "") + day for day in some(day_names, 3))

    join = lambda values: ",".join(map(str, values))
    kind = random_source.random()
    if frequency in ("YEARLY", "MONTHLY"):
        if kind < 0.35:
            parts.append("BYDAY=" + days(True))
        elif kind < 0.7:
            parts.append("BYMONTHDAY=" + join(some([1, 2, 13, 15, 28, 29, 30, 31, -1, -2, -31], 4)))
            if random_source.random() < 0.4:
                parts.append("BYDAY=" + days(False))
        elif frequency == "YEARLY" and kind < 0.85:
            parts.append("BYYEARDAY=" + join(some([1, 60, 100, 200, 366, -1, -100, -366], 3)))
        elif frequency == "YEARLY":
            # Weeks at the turn of a year are worked by hand: the two differ there.
            parts.append("BYWEEKNO=" + join(some([2, 3, 20, 40, 51], 3)))
            parts.append("BYDAY=" + days(False))
            parts.append("WKST=" + pick(["MO", "SU"]))
        if random_source.random() < 0.4 and "BYWEEKNO" not in ";".join(parts):
            parts.append("BYMONTH=" + join(some(list(range(1, 13)), 4)))
        if random_source.random() < 0.3 and len(parts) > 1 and any(part.startswith("BY") for part in parts):
            parts.append("BYSETPOS=" + join(some([1, 2, 3, -1, -2], 2)))
    elif frequency == "WEEKLY":
        parts.append("BYDAY=" + days(False))
        parts.append("WKST=" + pick(day_names))
    else:
        if kind < 0.5:
            parts.append("BYMONTH=" + join(some(list(range(1, 13)), 6)))
        if kind > 0.3:
            parts.append("BYDAY=" + days(False))
        if frequency != "DAILY" and not any(part.startswith("INTERVAL") for part in parts) and random_source.random() < 0.5:
            parts.append("BYHOUR=" + join(some(list(range(24)), 4)))
    if frequency in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY") and random_source.random() < 0.3:
        parts.append("BYHOUR=" + join(some(list(range(24)), 3)))
    start = dt.datetime(2024, 1, 1) + dt.timedelta(minutes=random_source.randint(0, 700_000))
    if random_source.random() < 0.2 and frequency in ("WEEKLY", "DAILY"):
        parts.append("COUNT=%d" % random_source.randint(1, 20))
    elif frequency in ("HOURLY", "MINUTELY"):
        parts.append((start + dt.timedelta(days=50)).strftime("UNTIL=%Y%m%dT%H%M%S"))
    else:
        parts.append("UNTIL=20300101T000000")
    return ";".join(parts), start


def dateutil_rules(seed, count):
    """Random rules with their first occurrences: rule|start|wall wall …"""
    from dateutil import rrule

    source = random.Random(int(seed))
    for _ in range(int(count)):
        rule, start = random_rule(source)
        walls = []
        for wall in rrule.rrulestr(rule, dtstart=start):
            if len(walls) == 40:
                break
            walls.append(wall.strftime("%Y%m%dT%H%M%S"))
        print(rule, start.strftime("%Y%m%dT%H%M%S"), " ".join(walls), sep="|")


def libical_differs(rule):
    """Where libical 3.0.16 is not what RFC 5545, and dateutil, say."""
    has = lambda part: part in rule
    return (
        has("BYSETPOS")  # chooses among days, not among times of day
        or has("BYWEEKNO")  # days around the turn of a year come out of order, or with another year's interval
        or (has("YEARLY") and has("BYMONTHDAY") and not has("BYMONTH="))  # only of the month of the start
        or (has("BYYEARDAY") and has("BYMONTH="))  # finds nothing
        or (has("WEEKLY") and has("INTERVAL"))  # counts weeks from the wrong one where the start is before the rule's days
        or (has("MINUTELY") and has("BYHOUR"))  # leaves minutes out
    )


def libical_rules():
    """The same rules, `rule|start` a line, by libical; `-` for one that is not asked."""
    library = ctypes.CDLL("libical.so.3")
    library.icalrecur_expand_recurrence.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.POINTER(ctypes.c_long)]
    library.icalrecur_expand_recurrence.restype = ctypes.c_int
    for line in sys.stdin:
        rule, start = line.rstrip("\n").split("|")
        if libical_differs(rule):
            print("-")
            continue
        at = int(dt.datetime.strptime(start, "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp())
        found = (ctypes.c_long * 41)()
        library.icalrecur_expand_recurrence(rule.encode(), at, 41, found)
        walls = [dt.datetime.fromtimestamp(one, UTC) for one in found if one >= at]
        print(" ".join(wall.strftime("%Y%m%dT%H%M%S") for wall in walls if wall.year < 2030))


def events_by_icalendar():
    """Each event of a calendar: uid|start|end|sequence|status|summary, times in UTC, texts as JSON."""
    import icalendar

    calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
    for event in calendar.walk("VEVENT"):
        moments = []
        for key in ("DTSTART", "DTEND"):
            value = event.decoded(key) if key in event else None
            if isinstance(value, dt.datetime):
                value = value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
            elif value is not None:
                value = value.strftime("%Y%m%d")
            moments.append(value or "")
        texts = [str(event["STATUS"]), json.dumps(str(event["SUMMARY"]), ensure_ascii=False)]
        print(str(event["UID"]), *moments, int(event["SEQUENCE"]), *texts, sep="|")


def events_by_libical():
    """The same by libical, with the zones that the calendar brings; first the number of its errors."""
    library = ctypes.CDLL("libical.so.3")

    class Time(ctypes.Structure):
        _fields_ = [(name, ctypes.c_int) for name in "year month day hour minute second is_date is_daylight".split()] + [("zone", ctypes.c_void_p)]

    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, arguments in [
        ("icalparser_parse_string", pointer, [text]),
        ("icalcomponent_count_errors", ctypes.c_int, [pointer]),
        ("icalrestriction_check", ctypes.c_int, [pointer]),
        ("icalcomponent_get_first_component", pointer, [pointer, ctypes.c_int]),
        ("icalcomponent_get_next_component", pointer, [pointer, ctypes.c_int]),
        ("icalcomponent_get_dtstart", Time, [pointer]),
        ("icalcomponent_get_dtend", Time, [pointer]),
        ("icalcomponent_get_uid", text, [pointer]),
        ("icalcomponent_get_summary", text, [pointer]),
        ("icaltimezone_get_utc_timezone", pointer, []),
        ("icaltime_convert_to_zone", Time, [Time, pointer]),
    ]:
        getattr(library, name).restype = result
        getattr(library, name).argtypes = arguments
    calendar = library.icalparser_parse_string(sys.stdin.buffer.read())
    library.icalrestriction_check(calendar)
    print(library.icalcomponent_count_errors(calendar))
    utc = library.icaltimezone_get_utc_timezone()
    vevent = 4
    event = library.icalcomponent_get_first_component(calendar, vevent)
    while event:
        moments = []
        for get in (library.icalcomponent_get_dtstart, library.icalcomponent_get_dtend):
            at = get(event)
            if not at.is_date:
                at = library.icaltime_convert_to_zone(at, utc)
            date = "%04d%02d%02d" % (at.year, at.month, at.day)
            moments.append(date if at.is_date else date + "T%02d%02d%02dZ" % (at.hour, at.minute, at.second))
        print(library.icalcomponent_get_uid(event).decode(), *moments, json.dumps(library.icalcomponent_get_summary(event).decode(), ensure_ascii=False), sep="|")
        event = library.icalcomponent_get_next_component(calendar, vevent)


def main(what, *words):
    {
        "zone": lambda name, first, last: zone_changes(name, int(first), int(last)),
        "walls": wall_instants,
        "cron": lambda text, name, start, end: cron_fires(text, name, int(start), int(end)),
        "dateutil": dateutil_rules,
        "libical": libical_rules,
        "icalendar": events_by_icalendar,
        "libical-events": events_by_libical,
    }[what](*words)


try:
    main(*sys.argv[1:])
except (ImportError, OSError) as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)
