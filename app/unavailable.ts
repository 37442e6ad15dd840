/** Whether a failure means "the database is away": the one failure that a client should simply try again. */
export { isDatabaseAway as isUnavailable } from '#store/database.ts'
