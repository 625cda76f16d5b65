/** Where the shell scripts have put what the guests sent, one folder for each guest. */
export const resultsFolder = () => process.env.GUEST_RESULTS ?? '';
