import { ApiError } from 'contract';

/** The answers of a refusing route, for the OpenAPI document and the serializer. */
export const REFUSALS = { '4xx': ApiError, '5xx': ApiError };
