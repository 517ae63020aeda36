/* Lets a test fail the disk: fdatasync(2) and fsync(2) of files under a folder give EIO. */
void failing_disk_fail_under(const char *folder);
void failing_disk_mend(void);
