/** The numbers of the simulated business. */
export const NUMBER_ID = '3001'
export const SECOND_NUMBER_ID = '3002'
