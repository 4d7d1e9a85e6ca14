// Durations in a person's own words, from seconds.

const language = () => document.documentElement.lang || "en";

/** "3 min. ago", "in 2 hr.": for a time in the past or the future. */
export function fromNow(seconds) {
  const size = Math.abs(seconds);
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto", style: "narrow" });
  if (size < 45) return words.format(0, "second");
  if (size < 3600) return words.format(Math.round(seconds / 60), "minute");
  if (size < 86400) return words.format(Math.round(seconds / 3600), "hour");
  if (size < 86400 * 30) return words.format(Math.round(seconds / 86400), "day");
  if (size < 86400 * 365) return words.format(Math.round(seconds / 86400 / 30), "month");
  return words.format(Math.round(seconds / 86400 / 365), "year");
}

/** "45m", "2h 10m", "3d 4h": the two largest units of a length of time. */
export function inShort(seconds) {
  const size = Math.max(0, Math.round(seconds));
  const unit = (count, name) =>
    new Intl.NumberFormat(language(), { style: "unit", unit: name, unitDisplay: "narrow" }).format(count);
  const days = Math.floor(size / 86400);
  const hours = Math.floor((size % 86400) / 3600);
  const minutes = Math.floor((size % 3600) / 60);
  if (days) return hours ? `${unit(days, "day")} ${unit(hours, "hour")}` : unit(days, "day");
  if (hours) return minutes ? `${unit(hours, "hour")} ${unit(minutes, "minute")}` : unit(hours, "hour");
  return minutes ? unit(minutes, "minute") : unit(size, "second");
}
