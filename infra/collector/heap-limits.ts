/**
 * The most that a function lets its heap grow to, in MB, by dataset. A limit is for functions whose responses are so
 * many or so large that Node would keep a multiple of what is needed as garbage. Without a limit, Node decides.
 */
export const HEAP_MEGABYTES: Readonly<Partial<Record<string, number>>> = {
  // The client takes responses of up to 64 MiB. One of them takes about 150 MB for a moment, as text and as entries; usual
  // full responses take a third of that.
  access_logs: 192,
  // As for access logs. A full response of 20,000 lines of usual length takes 226 MB in all.
  slow_queries: 192,
  // One window is in memory at a time: 8 MiB of lines, and of a single second up to 32 MiB, as text and as rows.
  host_logs: 192,
  audit_logs: 192,
  // Six hours of a disk are a response of about 600 KB, and six are read at a time. Without a limit the heap grows with
  // the number of disks, though nothing of one is needed for the next.
  disk_measurements: 192,
  // Three responses are read at a time: 10 MB each at ten seconds, which take about 40 MB as text and as points. Two days
  // of three processes at one minute take 394 MB without a limit, and 168 MB with it.
  process_measurements: 256,
};
