// ical_js.mjs MODULE < calendar: each event as ical.js reads it, `uid|start|end|sequence|status|summary`, times in UTC seconds by the
// calendar's own VTIMEZONEs; of a recurring event each occurrence before 2027.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { default: ICAL } = await import(pathToFileURL(process.argv[2]).href);
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')));
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
const text = (time) => (time.isDate ? time.toString().replaceAll('-', '') : String(time.toUnixTime()));
const limit = ICAL.Time.fromDateTimeString('2027-01-01T00:00:00Z');
for (const component of calendar.getAllSubcomponents('vevent')) {
  const event = new ICAL.Event(component);
  const tell = (start, end) =>
    console.log([event.uid, text(start), text(end), event.sequence ?? '', component.getFirstPropertyValue('status') ?? '', JSON.stringify(event.summary)].join('|'));
  if (!event.isRecurring()) {
    tell(event.startDate, event.endDate);
    continue;
  }
  const each = event.iterator();
  for (let next = each.next(); next && next.compare(limit) < 0; next = each.next()) tell(next, event.getOccurrenceDetails(next).endDate);
}
